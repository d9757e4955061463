/** An Any in JSON. */
export interface AnyJson {
  readonly "@type": string;
  readonly [field: string]: unknown;
}

/** An error of google.rpc in JSON: that of an operation that has failed. */
export interface StatusJson {
  /** A number of google.rpc.Code. */
  readonly code: number;
  readonly message?: string;
  readonly details?: readonly AnyJson[];
}

/** A google.longrunning.Operation of simulated work in JSON. */
export interface OperationJson {
  readonly name: string;
  readonly done?: boolean;
  readonly metadata?: AnyJson & { readonly stepsDone?: number };
  readonly response?: AnyJson & { readonly payload?: string };
  readonly error?: StatusJson;
}

/** A page of ListOperations in JSON. */
export interface OperationsJson {
  readonly operations?: readonly OperationJson[];
}
