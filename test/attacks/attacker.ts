import { constants, setPriority } from "node:os";
import { ATTACKS } from "./attacks.ts";

// Hostile clients in a process of their own, until their parent lets go of it: attacker.ts PORT NAME…
const [port, ...names] = process.argv.slice(2);
// What is measured is the server, not who gets the processor.
setPriority(constants.priority.PRIORITY_LOW);
process.once("disconnect", () => process.exit());
for (const name of names) {
  const attack = ATTACKS[name];
  if (attack === undefined) throw new Error(`there is no attack "${name}"`);
  attack(Number(port));
}
