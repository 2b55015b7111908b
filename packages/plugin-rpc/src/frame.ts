export const NO_BYTES: Uint8Array = new Uint8Array(0);

/** A frame as it came: its header parsed, but of unknown shape. */
export interface RawFrame {
  readonly header: unknown;
  /** Empty where there is none. May be a view of a network read: copy what is kept. */
  readonly attachment: Uint8Array;
}

export interface FrameLimits {
  readonly maxHeaderBytes: number;
  readonly maxAttachmentBytes: number;
  readonly maxJsonDepth: number;
}
