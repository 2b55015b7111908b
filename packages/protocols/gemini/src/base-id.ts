/** The dialect's base id: names its own fields in extensions, its signatures and its opaque blocks. */
export const GEMINI = 'gemini';
