/** Whether a server must, should or may do what a check asks (RFC 2119). */
export type Level = "must" | "should" | "may";

/** Where it is written what a check asks for. */
export interface Source {
  /** `AIP-158`, or the file and what in it is commented. */
  readonly document: string;
  readonly url: string;
  /** The sentence itself. */
  readonly sentence: string;
}

/** A sentence of an AIP, below one of its headings. */
export function aip(number: number, heading: string, sentence: string): Source {
  const anchor = heading.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return {
    document: `AIP-${number}, ${heading}`,
    url: `https://google.aip.dev/${number}#${anchor}`,
    sentence,
  };
}

const PROTOS = "https://github.com/googleapis/googleapis/blob/master/google";

/** A sentence of the comments in google/longrunning/operations.proto. */
export function operationsProto(element: string, sentence: string): Source {
  return {
    document: `operations.proto, ${element}`,
    url: `${PROTOS}/longrunning/operations.proto`,
    sentence,
  };
}

/** A sentence of the comments in google/api/http.proto. */
export function httpProto(sentence: string): Source {
  return { document: "http.proto, HttpRule", url: `${PROTOS}/api/http.proto`, sentence };
}

/** A sentence of protobuf's own documents. */
export function protobuf(document: string, url: string, sentence: string): Source {
  return { document, url, sentence };
}
