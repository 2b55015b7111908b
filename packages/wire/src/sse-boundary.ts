const LF = 0x0a;
const CR = 0x0d;

const LF_LF = Buffer.from('\n\n');
const LF_CR_LF = Buffer.from('\n\r\n');
const CR_CR = Buffer.from('\r\r');

/**
 * One past the blank line that ends the last whole SSE frame; 0 when there is none.
 * Lines end with LF, CR LF or CR (HTML standard, server-sent events).
 */
export function findLastSseBoundary(bytes: Buffer): number {
  const length = bytes.length;
  // Nearly every network read ends where a frame ends: look there before searching.
  if (length >= 2 && bytes[length - 1] === LF) {
    const before = bytes[length - 2];
    if (before === LF || (before === CR && length >= 3 && bytes[length - 3] === LF)) return length;
  }
  const lfLf = bytes.lastIndexOf(LF_LF);
  const lfCrLf = bytes.lastIndexOf(LF_CR_LF);
  const crCr = bytes.lastIndexOf(CR_CR);
  return Math.max(lfLf < 0 ? 0 : lfLf + 2, lfCrLf < 0 ? 0 : lfCrLf + 3, crCr < 0 ? 0 : crCr + 2);
}
