import { FRAME_BYTES, LARGEST_FRAME_BYTES, LARGEST_WINDOW, REASON, SETTING } from "./codes.ts";
import { ConnectionFault } from "./connection-fault.ts";
import { readUint32 } from "./frame.ts";

/** What a client wishes that changes anything here. */
export interface PeerSettings {
  /** How large the window of each stream is at first. */
  streamWindow?: number;
  /** How much the client remembers of header blocks, in bytes. */
  tableBytes?: number;
}

/** What the payload of SETTINGS says. Throws a ConnectionFault for what no client may wish. */
export function peerSettingsIn(payload: Buffer): PeerSettings {
  const settings: PeerSettings = {};
  for (let at = 0; at < payload.byteLength; at += 6) {
    const id = readUint32(payload, at) >>> 16;
    const value = readUint32(payload, at + 2);
    switch (id) {
      case SETTING.headerTableSize:
        settings.tableBytes = value;
        break;
      case SETTING.enablePush:
        if (value > 1) throw new ConnectionFault(REASON.protocolError, `ENABLE_PUSH of ${value}`);
        break;
      case SETTING.initialWindowSize:
        if (value > LARGEST_WINDOW) {
          throw new ConnectionFault(REASON.flowControlError, `INITIAL_WINDOW_SIZE of ${value}`);
        }
        settings.streamWindow = value;
        break;
      case SETTING.maxFrameSize:
        if (value < FRAME_BYTES || value > LARGEST_FRAME_BYTES) {
          throw new ConnectionFault(REASON.protocolError, `MAX_FRAME_SIZE of ${value}`);
        }
    }
  }
  return settings;
}
