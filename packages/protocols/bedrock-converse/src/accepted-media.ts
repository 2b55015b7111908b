import type { AcceptedMedia } from '@proxycast/spec';

/** Media types and what Converse calls them. */
export const IMAGE_FORMATS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/gif': 'gif',
  'image/webp': 'webp',
};
export const DOCUMENT_FORMATS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'text/csv': 'csv',
  'text/html': 'html',
  'text/plain': 'txt',
  'text/markdown': 'md',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
};

/** A page at an address is most often one that says that there is no document. */
const FETCHED_DOCUMENTS = Object.keys(DOCUMENT_FORMATS).filter((mediaType) => mediaType !== 'text/html');

const isNone = (): boolean => false;

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ImageBlock.html, …_Message.html, seen 2026-11-25. */
export const ACCEPTED_MEDIA: AcceptedMedia = {
  image: { types: Object.keys(IMAGE_FORMATS), maxBytes: 3_932_160, maxCount: 20, readsUrl: isNone },
  document: { types: FETCHED_DOCUMENTS, maxBytes: 4_718_592, maxCount: 5, readsUrl: isNone },
};
