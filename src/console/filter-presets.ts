/** A filter that many want, and what it is called. */
export interface FilterPreset {
  readonly label: string;
  readonly filter: string;
}

/** By state. What is cancelled or aborted is an error too, of google.rpc's code 1 or 10. */
export const FILTER_PRESETS: readonly FilterPreset[] = [
  { label: "All", filter: "" },
  { label: "Running", filter: "done=false" },
  { label: "Succeeded", filter: "done=true AND NOT error:*" },
  { label: "Failed", filter: "error:* AND NOT error.code=1" },
  { label: "Cancelled", filter: "error.code=1" },
];
