import { byId, copyTemplate, drawRows, partOf } from './drawing.js';
import { say } from './words.js';

const KEY = 'YOUR_CLIENT_KEY';
/** What is in a model name; anything else could end a quotation in a shell, in Python or in TOML. */
const FOREIGN = /[^\w.:/@+-]/g;

/** What to type so that a tool asks this ProxyCast. */
export async function createTools() {
  const [list, model, shell] = ['snippets', 'tool-model', 'tool-shell'].map(byId);
  const snippets = await (await fetch('/page/snippets.json')).json();
  if (navigator.userAgent.includes('Windows')) shell.value = 'powershell';

  function draw() {
    const values = { address: location.origin, key: KEY, model: model.value.replaceAll(FOREIGN, '') };
    const fill = (text) => text.replaceAll(/\{(address|key|model)\}/g, (_, name) => values[name]);
    const fillBlock = (block) => ({ id: block.place, text: fill(block.text ?? block[shell.value]) });
    const filled = snippets.map(({ id, blocks }) => ({ id, blocks: blocks.map(fillBlock) }));
    drawRows(list, filled, createSnippet);
  }
  model.addEventListener('input', draw);
  shell.addEventListener('change', draw);
  draw();
  list.firstElementChild.open = true;
}

function createSnippet({ id }) {
  const element = copyTemplate('snippet-row');
  say(partOf(element, 'title'), `tools.${id}`);
  say(partOf(element, 'note'), `tools.${id}-note`);
  return { element, update: ({ blocks }) => drawRows(partOf(element, 'blocks'), blocks, createBlock) };
}

function createBlock({ id }) {
  const element = copyTemplate('snippet-block');
  say(partOf(element, 'name'), id);
  return {
    element,
    update({ text }) {
      partOf(element, 'text').textContent = text;
    },
  };
}
