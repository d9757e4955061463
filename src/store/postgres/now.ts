/** The time by the database's clock, which all servers share, in milliseconds since the epoch. */
export const NOW_MS = "(extract(epoch from statement_timestamp()) * 1000)::bigint";
