const KEY = 'YOUR_CLIENT_KEY';

/** Shell lines that set variables and run a command. */
function shellLines(shell, variables, command) {
  const lines = Object.entries(variables).map(([name, value]) =>
    shell === 'powershell' ? `$env:${name} = "${value}"` : `export ${name}="${value}"`,
  );
  return [...lines, command].join('\n');
}

function requestLines(shell, address, body) {
  const json = JSON.stringify(body);
  if (shell === 'powershell') {
    return [
      `Invoke-RestMethod ${address}/v1/chat/completions -Method Post \``,
      `  -Headers @{ Authorization = "Bearer ${KEY}" } -ContentType "application/json" \``,
      `  -Body '${json.replaceAll("'", "''")}'`,
    ].join('\n');
  }
  return [
    `curl ${address}/v1/chat/completions \\`,
    `  -H "Authorization: Bearer ${KEY}" -H "Content-Type: application/json" \\`,
    `  -d '${json.replaceAll("'", "'\\''")}'`,
  ].join('\n');
}

/** What a person types so that a tool asks this ProxyCast. `place` is a key of the catalogue. */
export function renderSnippets({ address, model, shell }) {
  // A JSON string is also a string of TOML and Python.
  const quoted = JSON.stringify(model);
  // What is no plain name is quoted for the shell; a quote inside ends the string in both shells alike.
  const argument = /^[\w.:/@-]+$/.test(model) ? model : `'${model.replaceAll("'", '')}'`;
  const greeting = [{ role: 'user', content: 'Hello' }];
  const file = (text) => ({ place: 'tools.python', text });
  const run = (variables, command) => ({ place: 'tools.terminal', text: shellLines(shell, variables, command) });
  return [
    {
      id: 'claude-code',
      blocks: [run({ ANTHROPIC_BASE_URL: address, ANTHROPIC_AUTH_TOKEN: KEY }, `claude --model ${argument}`)],
    },
    {
      id: 'codex',
      blocks: [
        {
          place: 'tools.codex-file',
          text: `model = ${quoted}
model_provider = "proxycast"

[model_providers.proxycast]
name = "ProxyCast"
base_url = "${address}/v1"
wire_api = "responses"
env_key = "PROXYCAST_CLIENT_KEY"`,
        },
        run({ PROXYCAST_CLIENT_KEY: KEY }, 'codex'),
      ],
    },
    {
      id: 'gemini-cli',
      blocks: [run({ GOOGLE_GEMINI_BASE_URL: address, GEMINI_API_KEY: KEY }, `gemini --model ${argument}`)],
    },
    {
      id: 'openai-sdk',
      blocks: [
        file(`from openai import OpenAI

client = OpenAI(base_url="${address}/v1", api_key="${KEY}")
answer = client.chat.completions.create(
    model=${quoted},
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.choices[0].message.content)`),
      ],
    },
    {
      id: 'anthropic-sdk',
      blocks: [
        file(`from anthropic import Anthropic

client = Anthropic(base_url="${address}", api_key="${KEY}")
answer = client.messages.create(
    model=${quoted},
    max_tokens=1024,
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.content[0].text)`),
      ],
    },
    {
      id: 'curl',
      blocks: [{ place: 'tools.terminal', text: requestLines(shell, address, { model, messages: greeting }) }],
    },
  ];
}
