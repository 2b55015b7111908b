import { ApiProblem, unreachable } from './api-problem.js';
import { DIALECTS, errorOf } from './dialects.js';
import { byId, onAction, partOf, sayError, sayStatus } from './drawing.js';
import { readEvents } from './read-events.js';
import { say } from './words.js';

const SENTENCE_END = /[.!?。！？\n](?=[^.!?。！？\n]*$)/;

/** One question, answered as clients get it. The client key stays in this field and goes nowhere else. */
export function createTryIt({ onAnswer }) {
  const [key, model, dialect, prompt] = ['key', 'model', 'dialect', 'prompt'].map((name) => byId(`try-${name}`));
  const answer = byId('try-answer');
  const text = byId('try-text');
  const status = byId('try-status');
  const stop = byId('try-stop');
  let running;

  const fetchAs = async (path, options) => {
    const headers = { authorization: `Bearer ${key.value.trim()}`, 'content-type': 'application/json' };
    const response = await fetch(path, { ...options, headers, credentials: 'omit', cache: 'no-store' }).catch(
      (cause) => {
        throw cause.name === 'AbortError' ? cause : unreachable();
      },
    );
    if (response.ok) return response;
    const problem = errorOf(await response.json().catch(() => undefined));
    // Dialects have their own codes; a wrong key is a 401 in all of them.
    const code = response.status === 401 ? 'client-key-refused' : (problem?.code ?? 'other');
    throw new ApiProblem({ code, message: problem?.message ?? `HTTP ${response.status}` });
  };

  async function loadModels() {
    if (key.value.trim() === '') return say(byId('try-key-hint'), 'try.key-hint');
    try {
      const { data } = await (await fetchAs('/v1/models')).json();
      byId('models').replaceChildren(...data.map(({ id }) => new Option('', id)));
      say(byId('try-key-hint'), 'try.models', { count: data.length });
    } catch (problem) {
      sayError(byId('try-key-hint'), problem);
    }
  }
  key.addEventListener('change', loadModels);

  async function ask(signal) {
    const { path, body, textOf } = DIALECTS[dialect.value];
    const startedMs = performance.now();
    const response = await fetchAs(path(model.value.trim()), {
      method: 'POST',
      body: JSON.stringify(body(model.value.trim(), prompt.value)),
      signal,
    });
    answer.dataset.state = 'ready';
    sayStatus(status, 'busy', 'try.answering');
    let said = 0;
    for await (const event of readEvents(response.body)) {
      const problem = errorOf(event);
      if (problem !== undefined) throw new ApiProblem(problem);
      // What a model writes is hostile: it becomes text, never markup.
      text.append(textOf(event));
      const end = text.textContent.slice(said).search(SENTENCE_END) + 1;
      if (end > 0) byId('try-spoken').textContent = text.textContent.slice(said, said + end);
      said += end;
    }
    byId('try-spoken').textContent = text.textContent.slice(said);
    const provider = response.headers.get('x-proxycast-provider') ?? '';
    sayStatus(status, 'good', 'try.finished', { provider, ms: Math.round(performance.now() - startedMs) });
    onAnswer();
  }

  stop.addEventListener('click', () => running?.abort());
  onAction(byId('try-form'), partOf(answer, 'failure'), async () => {
    const missing = [key, model, prompt].find(({ value }) => value.trim() === '');
    running = new AbortController();
    text.textContent = '';
    say(status);
    answer.dataset.state = 'loading';
    stop.hidden = false;
    try {
      if (missing !== undefined) throw new ApiProblem({ code: `${missing.id}-missing`, message: '' });
      await ask(running.signal);
    } catch (problem) {
      missing?.focus();
      if (problem.name === 'AbortError') {
        answer.dataset.state = 'ready';
        sayStatus(status, 'off', 'try.stopped');
        return;
      }
      answer.dataset.state = 'failed';
      sayStatus(status, 'bad', 'try.failed');
      throw problem instanceof ApiProblem ? problem : new ApiProblem({ code: 'answer-broken', message: '' });
    } finally {
      if (document.activeElement === stop) byId('try-send').focus();
      stop.hidden = true;
    }
  });

  return {
    useKey(next) {
      key.value = next;
      return loadModels();
    },
    /** Forgets the key and the answer. */
    clear() {
      running?.abort();
      key.value = '';
      text.textContent = '';
      answer.dataset.state = 'empty';
    },
  };
}
