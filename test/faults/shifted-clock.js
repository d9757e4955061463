import { readFileSync } from "node:fs";

// Moves the wall clock of a process, and of its threads, by the milliseconds that stand in the file SHIFT_FILE;
// the monotonic clock, and the timers with it, go on as they are.

const READ_EVERY_MS = 10;
const file = process.env["SHIFT_FILE"];
const RealDate = Date;
const realNow = Date.now;
let shiftMs = 0;
let readAtMs = -Infinity;

function now() {
  if (performance.now() - readAtMs >= READ_EVERY_MS) {
    readAtMs = performance.now();
    shiftMs = Number(readFileSync(file, "utf8"));
  }
  return realNow() + shiftMs;
}

globalThis.Date = class ShiftedDate extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(now());
    else super(...args);
  }
};
globalThis.Date.now = now;
