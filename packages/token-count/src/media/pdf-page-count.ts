/** A page with some text and a picture or two, where a file hides its pages in compressed objects. */
const USUAL_BYTES_PER_PAGE = 50_000;
const MAX_PAGES = 2_000;

/** How many pages a PDF has; a guess by its size where its page objects are compressed. At least one. */
export function pdfPageCountOf(bytes: Buffer): number {
  // Latin-1 keeps each byte one unit.
  const text = bytes.toString('latin1');
  const pages = countPageObjects(text);
  const found = pages > 0 ? pages : (largestCountIn(text) ?? Math.ceil(bytes.length / USUAL_BYTES_PER_PAGE));
  return Math.min(Math.max(1, found), MAX_PAGES);
}

function countPageObjects(text: string): number {
  let pages = 0;
  for (const _ of text.matchAll(/\/Type ?\/Page(?![a-zA-Z])/g)) pages++;
  return pages;
}

/** The root of the page tree counts all pages. */
function largestCountIn(text: string): number | undefined {
  let largest: number | undefined;
  for (const [, digits] of text.matchAll(/\/Count ?(\d{1,6})/g)) {
    const count = Number(digits);
    if (count > (largest ?? 0)) largest = count;
  }
  return largest;
}
