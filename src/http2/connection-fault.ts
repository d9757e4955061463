import { REASON } from "./codes.ts";

/** What a client has done that ends its connection (RFC 9113, section 5.4.1), with the code that it is told. */
export class ConnectionFault extends Error {
  override readonly name = "ConnectionFault";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** A frame that must not be there. */
export function wrongFrame(what: string): ConnectionFault {
  return new ConnectionFault(REASON.protocolError, what);
}

/** A frame of a kind that has another size. */
export function wrongSize(kind: string): ConnectionFault {
  return new ConnectionFault(REASON.frameSizeError, `${kind} of a wrong size`);
}

/** A frame of a stream that its client has ended. */
export function behindTheEnd(kind: string): ConnectionFault {
  return new ConnectionFault(REASON.streamClosed, `${kind} behind the end of a stream`);
}

/** More than the client was told that it may send, or a window larger than there is. */
export function beyondTheWindow(): ConnectionFault {
  return new ConnectionFault(REASON.flowControlError, "more than a window has");
}
