/**
 * What a store finds operations by, beside their parent and their time, without looking at others: that they run, who
 * started them, or the full name of their metadata's type (`metadataTypeOf`).
 */
export type ListCondition =
  | { readonly by: "done"; readonly value: false }
  | { readonly by: "principal"; readonly value: string }
  | { readonly by: "metadataType"; readonly value: string };
