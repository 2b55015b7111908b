import type { ConversionChange, ToolBridge } from '@proxycast/spec';
import type { FakeDialectId } from '../fake-upstream/recorded-request.ts';

/** From which dialect to which a request went, and what was said of it on the way. */
export interface RequestWay {
  readonly from: FakeDialectId;
  readonly to: FakeDialectId;
  readonly bridge?: ToolBridge;
  readonly changes: readonly ConversionChange[];
}
