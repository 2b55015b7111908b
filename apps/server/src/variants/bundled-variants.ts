import antLing from '../../../../presets/protocols/ant-ling.json' with { type: 'json' };
import azure from '../../../../presets/protocols/azure.json' with { type: 'json' };
import cerebras from '../../../../presets/protocols/cerebras.json' with { type: 'json' };
import cohere from '../../../../presets/protocols/cohere.json' with { type: 'json' };
import deepseek from '../../../../presets/protocols/deepseek.json' with { type: 'json' };
import doubao from '../../../../presets/protocols/doubao.json' with { type: 'json' };
import fireworks from '../../../../presets/protocols/fireworks.json' with { type: 'json' };
import geminiOpenai from '../../../../presets/protocols/gemini-openai.json' with { type: 'json' };
import groq from '../../../../presets/protocols/groq.json' with { type: 'json' };
import huggingface from '../../../../presets/protocols/huggingface.json' with { type: 'json' };
import hunyuan from '../../../../presets/protocols/hunyuan.json' with { type: 'json' };
import longcat from '../../../../presets/protocols/longcat.json' with { type: 'json' };
import mimo from '../../../../presets/protocols/mimo.json' with { type: 'json' };
import minimax from '../../../../presets/protocols/minimax.json' with { type: 'json' };
import mistral from '../../../../presets/protocols/mistral.json' with { type: 'json' };
import moonshot from '../../../../presets/protocols/moonshot.json' with { type: 'json' };
import nvidia from '../../../../presets/protocols/nvidia.json' with { type: 'json' };
import ollama from '../../../../presets/protocols/ollama.json' with { type: 'json' };
import openModels from '../../../../presets/protocols/open-models.json' with { type: 'json' };
import openaiPlatform from '../../../../presets/protocols/openai-platform.json' with { type: 'json' };
import openrouter from '../../../../presets/protocols/openrouter.json' with { type: 'json' };
import perplexity from '../../../../presets/protocols/perplexity.json' with { type: 'json' };
import poe from '../../../../presets/protocols/poe.json' with { type: 'json' };
import qwen from '../../../../presets/protocols/qwen.json' with { type: 'json' };
import siliconflow from '../../../../presets/protocols/siliconflow.json' with { type: 'json' };
import snowflake from '../../../../presets/protocols/snowflake.json' with { type: 'json' };
import spark from '../../../../presets/protocols/spark.json' with { type: 'json' };
import stepfun from '../../../../presets/protocols/stepfun.json' with { type: 'json' };
import tencentTokenhub from '../../../../presets/protocols/tencent-tokenhub.json' with { type: 'json' };
import together from '../../../../presets/protocols/together.json' with { type: 'json' };
import vllm from '../../../../presets/protocols/vllm.json' with { type: 'json' };
import wenxin from '../../../../presets/protocols/wenxin.json' with { type: 'json' };
import xai from '../../../../presets/protocols/xai.json' with { type: 'json' };
import zhipu from '../../../../presets/protocols/zhipu.json' with { type: 'json' };

/** The files of presets/protocols: vendors' ways of speaking Chat Completions. A test holds the list against the folder. */
export const BUNDLED_VARIANTS: readonly unknown[] = [
  antLing,
  azure,
  cerebras,
  cohere,
  deepseek,
  doubao,
  fireworks,
  geminiOpenai,
  groq,
  huggingface,
  hunyuan,
  longcat,
  mimo,
  minimax,
  mistral,
  moonshot,
  nvidia,
  ollama,
  openaiPlatform,
  openModels,
  openrouter,
  perplexity,
  poe,
  qwen,
  siliconflow,
  snowflake,
  spark,
  stepfun,
  tencentTokenhub,
  together,
  vllm,
  wenxin,
  xai,
  zhipu,
];
