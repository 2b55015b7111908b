import { FRAME_PREFIX_BYTES } from '@proxycast/spec/plugin';

/** Up to here one copy is cheaper than one write more. */
const MAX_JOINED_BYTES = 64 * 1024;

/** The bytes of a frame, to be written in order. A large attachment stays where it is. */
export function encodeFrame(header: unknown, attachment?: Uint8Array): readonly Uint8Array[] {
  const text = JSON.stringify(header);
  const headerBytes = Buffer.byteLength(text);
  const attachmentBytes = attachment?.byteLength ?? 0;
  const isJoined = attachment !== undefined && attachmentBytes <= MAX_JOINED_BYTES;
  const frame = Buffer.allocUnsafe(FRAME_PREFIX_BYTES + headerBytes + (isJoined ? attachmentBytes : 0));
  frame.writeUInt32BE(headerBytes, 0);
  frame.writeUInt32BE(attachmentBytes, 4);
  frame.write(text, FRAME_PREFIX_BYTES);
  if (attachment === undefined || attachmentBytes === 0) return [frame];
  if (!isJoined) return [frame, attachment];
  frame.set(attachment, FRAME_PREFIX_BYTES + headerBytes);
  return [frame];
}
