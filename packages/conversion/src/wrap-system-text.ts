/** System text for a place where a dialect takes only the user's words. */
export function wrapSystemText(text: string): string {
  return `<system-reminder>\n${text}\n</system-reminder>`;
}
