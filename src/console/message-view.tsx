import {
  type DescEnum,
  type DescField,
  type DescMessage,
  isMessage,
  type JsonValue,
  toJson,
} from "@bufbuild/protobuf";
import { isReflectMessage, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import {
  type Any,
  AnySchema,
  DurationSchema,
  FieldMaskSchema,
  ListValueSchema,
  StructSchema,
  TimestampSchema,
  ValueSchema,
} from "@bufbuild/protobuf/wkt";
import type { ReactNode } from "react";
import { typeNameOf } from "../json/type-name.ts";
import { BytesView } from "./bytes-view.tsx";
import { KNOWN_TYPES } from "./known-types.ts";
import { LongText } from "./long-text.tsx";
import { timeText } from "./time-text.ts";

/** Anys within Anys are shown as bytes beyond so many: nobody means that. */
const DEEPEST = 10;

/** So many entries of a list or a map are shown. */
const MOST_ENTRIES = 100;

/** What an Any holds: its fields where the type is known, and its bytes where not. */
export function AnyView({ any, depth = 0 }: { readonly any: Any; readonly depth?: number }) {
  const message = depth < DEEPEST ? KNOWN_TYPES.unpack(any) : undefined;
  const typeName = typeNameOf(any.typeUrl);
  return (
    <div className="any">
      <p className="type">
        <LongText>{message === undefined ? any.typeUrl || "without a type" : typeName}</LongText>
      </p>
      {message === undefined ? (
        <BytesView bytes={any.value} what="of a type that this page does not know" />
      ) : (
        <MessageView message={message} depth={depth} />
      )}
    </div>
  );
}

/** Types whose JSON says more than their fields. */
const AS_JSON: readonly DescMessage[] = [StructSchema, ValueSchema, ListValueSchema];

/** A message as what it means, or else by its fields. Fields that are not set are left out. */
function MessageView({
  message: reflected,
  depth,
}: {
  readonly message: ReflectMessage;
  readonly depth: number;
}) {
  const { desc, message } = reflected;
  if (isMessage(message, AnySchema)) return <AnyView any={message} depth={depth + 1} />;
  if (isMessage(message, TimestampSchema)) return <TimeView json={jsonOf(desc, reflected)} />;
  if (isMessage(message, DurationSchema) || isMessage(message, FieldMaskSchema)) {
    return <>{String(jsonOf(desc, reflected) ?? "out of range")}</>;
  }
  if (AS_JSON.some(({ typeName }) => typeName === desc.typeName)) {
    const json = JSON.stringify(jsonOf(desc, reflected), undefined, 2);
    return (
      <pre className="wrapped">
        <LongText>{json}</LongText>
      </pre>
    );
  }
  const set = reflected.fields.filter((field) => reflected.isSet(field));
  const [first] = set;
  if (desc.file.name === "google/protobuf/wrappers" && desc.fields[0]) {
    return <FieldValue message={reflected} field={desc.fields[0]} depth={depth} />;
  }
  if (first === undefined) return <p className="hint">empty</p>;
  return (
    <dl>
      {set.map((field) => (
        <Entry key={field.number} field={field}>
          <FieldValue message={reflected} field={field} depth={depth} />
        </Entry>
      ))}
    </dl>
  );
}

function Entry({ field, children }: { readonly field: DescField; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{field.name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function TimeView({ json }: { readonly json: JsonValue | undefined }) {
  if (typeof json !== "string") return <>out of range</>;
  return (
    <time dateTime={json} title={json}>
      {timeText(new Date(json))}
    </time>
  );
}

/** Undefined for what JSON refuses, such as a time beyond the year 9999. */
function jsonOf(desc: DescMessage, { message }: ReflectMessage): JsonValue | undefined {
  try {
    return toJson(desc, message);
  } catch {
    return undefined;
  }
}

/** What a field of a message holds. */
function FieldValue({
  message,
  field,
  depth,
}: {
  readonly message: ReflectMessage;
  readonly field: DescField;
  readonly depth: number;
}) {
  switch (field.fieldKind) {
    case "message":
      return <One value={message.get(field)} depth={depth} />;
    case "enum":
      return <One value={enumName(field.enum, message.get(field))} depth={depth} />;
    case "list": {
      const list = message.get(field);
      return (
        <>
          <ul>
            {firstOf(list).map((value, index) => (
              <li key={index}>
                <One value={field.listKind === "enum" ? enumName(field.enum, value) : value} depth={depth} />
              </li>
            ))}
          </ul>
          <Rest count={list.size} />
        </>
      );
    }
    case "map": {
      const map = message.get(field);
      return (
        <>
          <dl>
            {firstOf(map).map(([key, value]) => (
              <div key={String(key)}>
                <dt>
                  <LongText>{String(key)}</LongText>
                </dt>
                <dd>
                  <One value={field.mapKind === "enum" ? enumName(field.enum, value) : value} depth={depth} />
                </dd>
              </div>
            ))}
          </dl>
          <Rest count={map.size} />
        </>
      );
    }
    default: {
      const value = message.get(field);
      if (field.parent.typeName === "google.rpc.Help.Link" && field.name === "url")
        return <Link url={String(value)} />;
      return <One value={value} depth={depth} />;
    }
  }
}

function One({ value, depth }: { readonly value: unknown; readonly depth: number }): ReactNode {
  if (isReflectMessage(value)) return <MessageView message={value} depth={depth} />;
  if (value instanceof Uint8Array) return <BytesView bytes={value} />;
  if (value === "") return <span className="hint">empty</span>;
  if (typeof value === "number") {
    return value.toLocaleString("en-US", { maximumFractionDigits: 20, useGrouping: false });
  }
  const text = <LongText>{String(value)}</LongText>;
  return typeof value === "string" && value.includes("\n") ? <pre className="wrapped">{text}</pre> : text;
}

/** Only what leads to a page is a link: what a server tells may begin with `javascript:`. */
function Link({ url }: { readonly url: string }) {
  const text = <LongText>{url}</LongText>;
  if (!/^https?:\/\//i.test(url)) return text;
  return (
    <a href={url} rel="noreferrer noopener" target="_blank">
      {text}
    </a>
  );
}

/** The name of a value, or its number where this page knows none. */
function enumName(desc: DescEnum, value: unknown): string {
  return desc.value[Number(value)]?.name ?? String(value);
}

/** The entries of a list that are shown. */
export function firstOf<Entry>(entries: Iterable<Entry>): Entry[] {
  const first: Entry[] = [];
  for (const entry of entries) {
    if (first.length === MOST_ENTRIES) break;
    first.push(entry);
  }
  return first;
}

/** How many of so many entries are not shown. */
export function Rest({ count }: { readonly count: number }) {
  if (count <= MOST_ENTRIES) return null;
  return <p className="hint">… and {(count - MOST_ENTRIES).toLocaleString()} more</p>;
}
