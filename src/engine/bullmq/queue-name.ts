/** The queue of a handler's work. BullMQ allows no colon in it; and no two handlers share one. */
export function queueNameOf(handler: string): string {
  return handler.replaceAll("%", "%25").replaceAll(":", "%3A");
}
