import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import type { FilterFault } from "./filter-fault.ts";
import { FILTER_PRESETS } from "./filter-presets.ts";
import { goTo, hashOf, type ListRoute } from "./route.ts";

/** Which operations are listed: a filter in words, one by a click, and the parent. */
export function FilterBar({
  route,
  fault,
}: {
  readonly route: ListRoute;
  readonly fault: FilterFault | undefined;
}) {
  const { filter, parent } = route;
  const field = useRef<HTMLInputElement>(null);
  const [filterId, parentId, faultId] = [useId(), useId(), useId()];
  const [draft, setDraft] = useState({ filter, parent });
  useEffect(() => setDraft({ filter, parent }), [filter, parent]);
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
        return;
      event.preventDefault();
      field.current?.select();
    };
    document.addEventListener("keydown", focus);
    return () => document.removeEventListener("keydown", focus);
  }, []);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    goTo({ ...route, filter: draft.filter.trim(), parent: draft.parent.trim(), token: "" });
  };
  return (
    <search className="filters">
      <form onSubmit={submit}>
        <div className="field filter-field">
          <label htmlFor={filterId}>Filter</label>
          <input
            ref={field}
            id={filterId}
            value={draft.filter}
            onChange={({ currentTarget }) => setDraft({ ...draft, filter: currentTarget.value })}
            placeholder="done=false AND create_time>2026-01-01T00:00:00Z"
            autoComplete="off"
            spellCheck={false}
            maxLength={4_096}
            enterKeyHint="search"
            aria-invalid={fault !== undefined}
            aria-describedby={fault && faultId}
          />
          <kbd title="Press / to filter">/</kbd>
        </div>
        <div className="field parent-field">
          <label htmlFor={parentId}>Parent</label>
          <input
            id={parentId}
            value={draft.parent}
            onChange={({ currentTarget }) => setDraft({ ...draft, parent: currentTarget.value })}
            placeholder="none"
            autoComplete="off"
            spellCheck={false}
            enterKeyHint="search"
          />
        </div>
        <button type="submit" className="button">
          Apply
        </button>
      </form>
      {fault && <FaultNotice id={faultId} filter={filter} fault={fault} />}
      <nav className="presets" aria-label="Common filters">
        {FILTER_PRESETS.map(({ label, filter: preset }) => (
          <a
            key={label}
            href={hashOf({ ...route, filter: preset, token: "" })}
            aria-current={preset === filter ? "true" : undefined}
          >
            {label}
          </a>
        ))}
      </nav>
    </search>
  );
}

function FaultNotice({
  id,
  filter,
  fault: { message, at },
}: {
  readonly id: string;
  readonly filter: string;
  readonly fault: FilterFault;
}) {
  // A character of its own, and not half of one.
  const [marked = ""] = filter.slice(at);
  return (
    <div id={id} className="notice fault filter-fault" role="alert">
      {at !== undefined && (
        <pre aria-hidden="true">
          {filter.slice(0, at)}
          <mark>{marked || " "}</mark>
          {filter.slice(at + marked.length)}
        </pre>
      )}
      <span>{message}</span>
    </div>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, dialog") !== null;
}
