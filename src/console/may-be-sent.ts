/** Whether a token can be sent: no header holds control characters, nor what is beyond Latin-1. */
export function mayBeSent(token: string): boolean {
  try {
    new Headers({ authorization: `Bearer ${token}` });
    return true;
  } catch {
    return false;
  }
}
