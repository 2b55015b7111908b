import { byId, onAction } from './drawing.js';
import { extraFieldsOf, keyHintOf, needsAddress, needsKey } from './provider-types.js';
import { say, translate } from './words.js';

const OWN = 'own';

/** Adds a key to a preset, or a provider of the person's own with its first key. */
export function createProviderForm({ client, query, onSave }) {
  const names = ['choice', 'name', 'type', 'address', 'key', 'own', 'extra', 'more', 'address-field'];
  const [choice, name, type, address, key, own, extra, more, addressField] = names.map((field) =>
    byId(`provider-${field}`),
  );
  const calling = ['auth-header', 'auth-prefix', 'key-choice'].map((field) => byId(`provider-${field}`));
  const [authHeader] = calling;
  let presets = new Map();
  /** A provider of one's own whose key was refused: the next try must not add it twice. */
  let addedId;

  const shownType = () => presets.get(choice.value)?.type ?? type.value;

  function drawType() {
    const preset = presets.get(choice.value);
    const fields = extraFieldsOf(shownType());
    extra.hidden = fields.length === 0;
    for (const field of extra.querySelectorAll('[data-extra]')) {
      const isAsked = fields.includes(field.dataset.extra);
      field.hidden = !isAsked;
      const input = field.querySelector('input');
      input.disabled = !isAsked;
      input.value = preset?.[input.name] ?? '';
    }
    const isAddressed = needsAddress(shownType());
    addressField.hidden = preset !== undefined && !isAddressed;
    address.disabled = addressField.hidden;
    address.required = isAddressed;
    byId('provider-address-hint').hidden = isAddressed && !address.value.includes('{');
    say(
      byId('provider-address-hint'),
      isAddressed ? 'provider-form.address-incomplete' : 'provider-form.address-optional',
    );
    say(byId('provider-key-hint'), keyHintOf(shownType(), preset?.group_name));
    drawKey();
    addedId = undefined;
  }

  function drawKey() {
    key.required = needsKey(shownType(), presets.get(choice.value)?.group_name, authHeader.value.trim());
  }

  function drawChoice() {
    const preset = presets.get(choice.value);
    own.hidden = preset !== undefined;
    own.disabled = own.hidden;
    address.value = preset?.api_host ?? '';
    for (const field of calling)
      field.value = preset?.[field.name] ?? (field.localName === 'select' ? 'round_robin' : '');
    more.open = false;
    drawType();
  }
  choice.addEventListener('change', drawChoice);
  type.addEventListener('change', drawType);
  authHeader.addEventListener('input', drawKey);

  /** What the form says of the provider, as the admin API names it. An empty field is none. */
  function readFields() {
    const inputs = [...extra.querySelectorAll('input'), ...calling].filter(({ disabled }) => !disabled);
    // A space at the end of a prefix counts.
    const readValue = (input) => (input.name === 'auth_prefix' ? input.value : input.value.trim()) || null;
    const fields = Object.fromEntries(inputs.map((input) => [input.name, readValue(input)]));
    // Keys in turn is what is done without a word.
    if (fields.key_choice === 'round_robin') fields.key_choice = null;
    return address.disabled ? fields : { ...fields, api_host: address.value.trim() };
  }

  async function saveProvider() {
    const preset = presets.get(choice.value);
    const id = preset?.id ?? addedId;
    const fields = readFields();
    if (id === undefined) {
      const body = { name: name.value.trim(), type: type.value, ...fields };
      addedId = (await client.call('POST', '/providers', body)).id;
    } else {
      const known = preset ?? {};
      const changes = Object.fromEntries(Object.entries(fields).filter(([field, value]) => known[field] !== value));
      // Without a key nothing else would put a preset to use.
      if (key.value.trim() === '') changes.enabled = true;
      if (Object.keys(changes).length > 0) await client.call('PATCH', `/providers/${id}`, changes);
    }
    return id ?? addedId;
  }

  onAction(byId('provider-form'), byId('provider-form-failure'), async () => {
    try {
      const id = await saveProvider();
      const secret = key.value.trim();
      if (secret !== '') await client.call('POST', `/providers/${id}/keys`, { key: secret });
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
