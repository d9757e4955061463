export { type JwtOptions, jwtBearer } from "./jwt-bearer.ts";
export type { KeySource } from "./key-source.ts";
