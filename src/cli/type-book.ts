import {
  createRegistry,
  type DescMessage,
  fromBinary,
  type JsonValue,
  type MessageShape,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { Any } from "@bufbuild/protobuf/wkt";
import { file_longrunning_testing_v1_simulator } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import type { AnyRegistry } from "../json/any-registry.ts";
import { messageToJson } from "../json/message-json.ts";
import { typeNameOf } from "../json/type-name.ts";
import { visitAnys } from "../json/visit-anys.ts";
import { knownTypes } from "../operation/known-types.ts";
import type { ReflectedTypes } from "./reflected-types.ts";
import { typeFirst } from "./type-first.ts";

/** The types that are known here, and those that the server tells of: with them, Anys are shown as what they hold. */
export class TypeBook {
  readonly #registry: AnyRegistry = knownTypes([], undefined);
  readonly #reflected: ReflectedTypes | undefined;
  /** Types that the server was asked for, whether it told of them or not. */
  readonly #asked = new Set<string>();

  /** Asks nobody where `reflected` is undefined. */
  constructor(reflected: ReflectedTypes | undefined) {
    this.#reflected = reflected;
    this.#registry.addFile(file_longrunning_testing_v1_simulator);
  }

  /** Asks the server for what is not known of the Anys in these messages, and in those that they hold. */
  async learn<Desc extends DescMessage>(
    desc: Desc,
    ...messages: readonly MessageShape<Desc>[]
  ): Promise<void> {
    if (this.#reflected === undefined) return;
    for (const message of messages) await this.#learnIn(reflect(desc, message));
  }

  /** The JSON of a message; an Any of a type that nobody tells of has its bytes in base64. */
  toJson<Desc extends DescMessage>(desc: Desc, message: MessageShape<Desc>): JsonValue {
    return typeFirst(messageToJson(desc, message, this.#registry));
  }

  /** What an Any holds; undefined where its type is not known, or its bytes are none of that type. */
  unpack(any: Any | undefined): ReflectMessage | undefined {
    const desc = any && this.#registry.known(typeNameOf(any.typeUrl));
    if (any === undefined || desc === undefined) return undefined;
    try {
      return reflect(desc, fromBinary(desc, any.value));
    } catch {
      return undefined;
    }
  }

  async #learnIn(message: ReflectMessage): Promise<void> {
    const anys: Any[] = [];
    visitAnys(message, (any) => void anys.push(any));
    for (const any of anys) {
      await this.#learnType(typeNameOf(any.typeUrl));
      const held = this.unpack(any);
      if (held !== undefined) await this.#learnIn(held);
    }
  }

  async #learnType(typeName: string): Promise<void> {
    if (typeName === "" || this.#asked.has(typeName) || this.#registry.known(typeName) !== undefined) return;
    this.#asked.add(typeName);
    const registry = await this.#reflected?.registryOf(typeName);
    if (registry === undefined) return;
    // What is known already stays as it is, whatever the server says of it.
    const news = [...registry].filter(({ typeName }) => this.#registry.get(typeName) === undefined);
    this.#registry.add(createRegistry(...news));
  }
}
