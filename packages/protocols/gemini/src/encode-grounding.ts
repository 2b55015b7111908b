import type { Citation, JsonObject } from '@proxycast/spec';
import { utf8Length } from './utf8-offset.ts';

/** A text block among all text of an answer, in UTF-16 units. */
export interface TextRange {
  readonly start: number;
  end: number;
}

export interface PlacedCitation {
  readonly citation: Citation;
  readonly block: TextRange;
}

export interface Grounding {
  /** All text of the answer. */
  readonly text: string;
  readonly citations: readonly PlacedCitation[];
  readonly queries: readonly string[];
  readonly sources: readonly { readonly url: string; readonly title?: string }[];
}

/** Sources and what they are given for; `undefined` where there are none. Segments count bytes over the whole text. */
export function encodeGrounding({ text, citations, queries, sources }: Grounding): JsonObject | undefined {
  if (citations.length === 0 && queries.length === 0 && sources.length === 0) return undefined;
  const chunks: JsonObject[] = [];
  const indices = new Map<string, number>();
  const indexOf = (key: string, chunk: JsonObject): number => {
    const known = indices.get(key);
    if (known !== undefined) return known;
    indices.set(key, chunks.length);
    return chunks.push(chunk) - 1;
  };
  const pageOf = ({ url, title }: { readonly url: string; readonly title?: string }): number =>
    indexOf(`page ${url}`, { web: { uri: url, ...(title === undefined ? {} : { title }) } });
  for (const source of sources) pageOf(source);
  const supports = new Map<string, { readonly segment: JsonObject; readonly groundingChunkIndices: number[] }>();
  for (const { citation, block } of citations) {
    const { url, title, citedText, fileId } = citation;
    const index =
      url === undefined
        ? indexOf(`file ${title ?? ''} ${fileId ?? ''} ${citedText ?? ''}`, { retrievedContext: contextOf(citation) })
        : pageOf({ url, ...(title === undefined ? {} : { title }) });
    const start = Math.min(block.start + (citation.startIndex ?? 0), block.end);
    const end = citation.endIndex === undefined ? block.end : Math.min(block.start + citation.endIndex, block.end);
    const support = supports.get(`${start} ${end}`) ?? {
      segment: segmentOf(text, start, end),
      groundingChunkIndices: [],
    };
    supports.set(`${start} ${end}`, support);
    if (!support.groundingChunkIndices.includes(index)) support.groundingChunkIndices.push(index);
  }
  return {
    ...(queries.length === 0 ? {} : { webSearchQueries: queries }),
    ...(chunks.length === 0 ? {} : { groundingChunks: chunks }),
    ...(supports.size === 0 ? {} : { groundingSupports: [...supports.values()] }),
  };
}

function segmentOf(text: string, start: number, end: number): JsonObject {
  const startIndex = utf8Length(text, start);
  return {
    // A 0 is left out, as the API does it.
    ...(startIndex === 0 ? {} : { startIndex }),
    endIndex: utf8Length(text, end),
    text: text.slice(start, end),
  };
}

function contextOf({ title, citedText }: Citation): JsonObject {
  return { ...(title === undefined ? {} : { title }), ...(citedText === undefined ? {} : { text: citedText }) };
}
