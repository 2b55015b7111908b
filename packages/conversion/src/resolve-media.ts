import {
  type AcceptedMedia,
  type ChatBlock,
  type ChatRequest,
  type ChatTurn,
  InvalidRequestError,
  type MediaBlock,
  type ReportChange,
} from '@proxycast/spec';

/** A file that has to be fetched before the request can be encoded. */
export interface WantedMedia {
  readonly kind: MediaBlock['type'];
  readonly url: string;
  /** What the service takes of its kind, in lower case. */
  readonly types: readonly string[];
  readonly maxBytes?: number;
  /** Where the address stands first. */
  readonly field: string;
}

export interface FetchedMedia {
  readonly mediaType: string;
  /** Standard, padded base64. */
  readonly data: string;
}

export interface ResolvedMedia {
  /** Every address that the service would not read replaced by what is there, as far as it is fetched. */
  readonly request: ChatRequest;
  /** Each once. */
  readonly wanted: readonly WantedMedia[];
}

/** By which a fetched file is found again. */
export const mediaKey = ({ kind, url }: Pick<WantedMedia, 'kind' | 'url'>): string => `${kind} ${url}`;

const FETCHABLE = /^https?:/i;

/**
 * Puts fetched files in the place of addresses the service does not read, and says which are still to be fetched. The very
 * request comes back where there is none. Throws InvalidRequestError for more files than the service takes.
 */
export function resolveMedia(
  request: ChatRequest,
  {
    accepted,
    fetched,
    report,
  }: {
    readonly accepted: AcceptedMedia;
    /** By `mediaKey`. */
    readonly fetched: ReadonlyMap<string, FetchedMedia>;
    readonly report: ReportChange;
  },
): ResolvedMedia {
  if (!request.turns.some(({ blocks }) => holdsAddress(blocks))) return { request, wanted: [] };
  const wanted = new Map<string, WantedMedia>();

  const resolveBlock = (block: ChatBlock, field: () => string): ChatBlock => {
    switch (block.type) {
      case 'image':
      case 'document':
      case 'audio':
      case 'video':
        return block.source.type === 'url' ? resolveUrl(block, block.source.url, field()) : block;
      case 'tool-result': {
        const blocks = mapChanged(block.blocks, (inner, at) => resolveBlock(inner, () => `${field()}.content.${at}`));
        return blocks === block.blocks ? block : { ...block, blocks };
      }
      default:
        return block;
    }
  };

  const resolveUrl = (block: MediaBlock, url: string, field: string): ChatBlock => {
    const kind = accepted[block.type];
    if (kind === undefined || !FETCHABLE.test(url) || kind.readsUrl(url)) return block;
    const key = mediaKey({ kind: block.type, url });
    const file = fetched.get(key);
    if (file !== undefined) {
      report(field, 'changed');
      return { ...block, source: { type: 'base64', ...file } };
    }
    if (!wanted.has(key)) {
      const { types, maxBytes } = kind;
      wanted.set(key, { kind: block.type, url, types, field, ...(maxBytes === undefined ? {} : { maxBytes }) });
    }
    return block;
  };

  const turns = mapChanged(request.turns, (turn, index): ChatTurn => {
    const blocks = mapChanged(turn.blocks, (block, at) => resolveBlock(block, () => `messages.${index}.content.${at}`));
    return blocks === turn.blocks ? turn : { ...turn, blocks };
  });
  if (wanted.size > 0) checkCounts(request, accepted);
  return { request: turns === request.turns ? request : { ...request, turns }, wanted: [...wanted.values()] };
}

/** Whether a file is named by its address: all that a request without any pays for. */
function holdsAddress(blocks: readonly ChatBlock[]): boolean {
  for (const block of blocks) {
    if (block.type === 'text') continue;
    if (block.type === 'tool-result' ? holdsAddress(block.blocks) : 'source' in block && block.source.type === 'url') {
      return true;
    }
  }
  return false;
}

/** Before anything is fetched in vain. */
function checkCounts({ turns }: ChatRequest, accepted: AcceptedMedia): void {
  for (const kind of ['image', 'document', 'audio', 'video'] as const) {
    const maxCount = accepted[kind]?.maxCount;
    if (
      maxCount === undefined ||
      countOf(
        turns.flatMap(({ blocks }) => blocks),
        kind,
      ) <= maxCount
    )
      continue;
    throw new InvalidRequestError({
      code: 'too_many_files',
      field: 'messages',
      message: `This model takes ${maxCount} files of the kind ${kind} in a request. Send fewer.`,
    });
  }
}

const countOf = (blocks: readonly ChatBlock[], kind: MediaBlock['type']): number =>
  blocks.reduce(
    (count, block) =>
      count + (block.type === kind ? 1 : block.type === 'tool-result' ? countOf(block.blocks, kind) : 0),
    0,
  );

/** The same list where nothing changed in it. */
function mapChanged<Item>(items: readonly Item[], map: (item: Item, index: number) => Item): readonly Item[] {
  let changed: Item[] | undefined;
  for (const [index, item] of items.entries()) {
    const next = map(item, index);
    if (next !== item) changed ??= items.slice(0, index);
    changed?.push(next);
  }
  return changed ?? items;
}
