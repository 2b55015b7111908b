import { byId, copyTemplate, drawRows, partOf } from './drawing.js';
import { renderSnippets } from './render-snippets.js';
import { say } from './words.js';

/** What to type so that a tool asks this ProxyCast. */
export function createTools() {
  const model = byId('tool-model');
  const shell = byId('tool-shell');
  if (navigator.userAgent.includes('Windows')) shell.value = 'powershell';
  const draw = () =>
    drawRows(
      byId('snippets'),
      renderSnippets({ address: location.origin, model: model.value.trim() || model.defaultValue, shell: shell.value }),
      createSnippet,
    );
  model.addEventListener('input', draw);
  shell.addEventListener('change', draw);
  draw();
  byId('snippets').firstElementChild.open = true;
}

function createSnippet({ id }) {
  const element = copyTemplate('snippet-row');
  say(partOf(element, 'title'), `tools.${id}`);
  say(partOf(element, 'note'), `tools.${id}-note`);
  return {
    element,
    update({ blocks }) {
      const named = blocks.map((block) => ({ id: block.place, ...block }));
      drawRows(partOf(element, 'blocks'), named, createBlock);
    },
  };
}

function createBlock({ place }) {
  const element = copyTemplate('snippet-block');
  say(partOf(element, 'place'), place);
  return {
    element,
    update({ text }) {
      partOf(element, 'text').textContent = text;
    },
  };
}
