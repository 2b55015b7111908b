import { byId, onAction } from './drawing.js';
import { say, translate } from './words.js';

const OWN = 'own';

/** Adds a key to a preset, or a provider of the person's own with its first key. */
export function createProviderForm({ client, query, onSave }) {
  const fields = ['choice', 'name', 'type', 'address', 'key', 'own'].map((field) => byId(`provider-${field}`));
  const [choice, name, type, address, key, own] = fields;
  let presets = new Map();
  /** A provider of one's own whose key was refused: the next try must not add it twice. */
  let addedId;

  function drawChoice() {
    const preset = presets.get(choice.value);
    own.hidden = preset !== undefined;
    own.disabled = own.hidden;
    address.value = preset?.api_host ?? '';
    byId('provider-address-hint').hidden = !address.value.includes('{');
    say(
      byId('provider-key-hint'),
      preset?.group_name === 'local' ? 'provider-form.local-key' : 'provider-form.key-hint',
    );
    addedId = undefined;
  }
  choice.addEventListener('change', drawChoice);

  async function saveProvider() {
    const preset = presets.get(choice.value);
    const id = preset?.id ?? addedId;
    const host = { api_host: address.value.trim() };
    if (id === undefined) {
      const body = { name: name.value.trim(), type: type.value, ...host };
      addedId = (await client.call('POST', '/providers', body)).id;
    } else if (preset?.api_host !== host.api_host) {
      await client.call('PATCH', `/providers/${id}`, host);
    }
    return id ?? addedId;
  }

  onAction(byId('provider-form'), byId('provider-form-failure'), async () => {
    try {
      const id = await saveProvider();
      await client.call('POST', `/providers/${id}/keys`, { key: key.value.trim() });
      for (const field of [key, name]) field.value = '';
      await query.reload();
      drawChoice();
      onSave(id);
    } catch (problem) {
      // What was saved before the refusal belongs in the list.
      await query.reload();
      throw problem;
    }
  });

  return {
    /** Fills the choice with the presets, by group, below the person's own. */
    offer(next) {
      const isFilled = presets.size > 0;
      presets = new Map(next.map((preset) => [preset.id, preset]));
      // Options that are made anew would close the list under the person's hand.
      if (isFilled) return;
      for (const [group, members] of Object.entries(Object.groupBy(next, (preset) => preset.group_name))) {
        const element = document.createElement('optgroup');
        element.dataset.wordGroup = `group.${group}`;
        element.append(...members.map((preset) => new Option(preset.name, preset.id)));
        choice.append(element);
      }
      translate(choice);
      choice.value = next[0]?.id ?? OWN;
      drawChoice();
    },
  };
}
