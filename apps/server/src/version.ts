import packageData from '../package.json' with { type: 'json' };

export const VERSION: string = packageData.version;
