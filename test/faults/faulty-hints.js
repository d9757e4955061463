import pg from "pg";

// Spoils what PostgreSQL notifies this process of, as the environment says in HINTS: it is lost, comes twice, or
// comes up to half a second late and so in another order.

const LATEST_MS = 500;
const hints = process.env["HINTS"];
const { emit } = pg.Client.prototype;

pg.Client.prototype.emit = function (event, ...values) {
  if (event !== "notification") return emit.call(this, event, ...values);
  if (hints === "lost") return true;
  if (hints === "doubled") emit.call(this, event, ...values);
  if (hints !== "reordered") return emit.call(this, event, ...values);
  setTimeout(() => emit.call(this, event, ...values), Math.random() * LATEST_MS);
  return true;
};
