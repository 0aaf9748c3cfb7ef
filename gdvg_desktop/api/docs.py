"""The page that documents the API: one file without anything from elsewhere, so it works without the internet.

The page holds nothing of the library. It asks for the token, keeps it in its own memory only, and with it fetches the
schema, which it lays out; each route can be tried from it.
"""

import base64
import hashlib

PAGE_PATH = "/docs"

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
code, pre, textarea, input { font: 13px/1.45 ui-monospace, monospace; }
pre { overflow: auto; padding: .6rem; border: 1px solid #8886; border-radius: 6px; max-height: 24rem; }
details { border: 1px solid #8886; border-radius: 6px; margin: .4rem 0; padding: .4rem .7rem; }
summary { cursor: pointer; } summary b { display: inline-block; width: 4.5rem; }
input, textarea { width: 100%; box-sizing: border-box; padding: .4rem; }
button { padding: .35rem .9rem; margin: .4rem 0; }
label { display: block; margin-top: .5rem; } table { border-collapse: collapse; }
td, th { text-align: left; padding: .15rem .8rem .15rem 0; vertical-align: top; }
"""

_SCRIPT = """
"use strict";
const $ = id => document.getElementById(id);
let token = "";
function el(tag, text, parent) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (parent) parent.append(made);
  return made;
}
function resolve(part, all) {
  return part && part.$ref ? part.$ref.slice(2).split("/").reduce((at, key) => at[key], all) : part;
}
function words(schema, all) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return schema.anyOf.map(one => words(one, all)).join(" or ");
  if (schema.enum) return schema.enum.map(one => JSON.stringify(one)).join(", ");
  if (schema.type === "array") return "list of " + words(schema.items, all);
  return schema.format || schema.type || "anything";
}
function table(schema, all, parent) {
  const found = resolve(schema, all);
  if (!found || !found.properties) { el("p", words(schema, all), parent); return; }
  const rows = el("table", undefined, parent);
  for (const [name, one] of Object.entries(found.properties)) {
    const row = el("tr", undefined, rows);
    el("code", name, el("td", undefined, row));
    el("td", words(one, all) + ((found.required || []).includes(name) ? " (required)" : ""), row);
    el("td", one.description || "", row);
  }
}
function example(schema, all) {
  const found = resolve(schema, all) || {};
  const made = {};
  for (const name of found.required || []) {
    const one = resolve(found.properties[name], all);
    made[name] = one.enum ? one.enum[0] : one.type === "array" ? [] : one.type === "integer" ? 1 : "";
  }
  return JSON.stringify(made, null, 2);
}
function route(method, path, one, all, parent) {
  const box = el("details", undefined, parent);
  const head = el("summary", undefined, box);
  el("b", method.toUpperCase(), head); el("code", path, head); head.append(" " + (one.summary || ""));
  el("p", one.description || "", box);
  const fields = [];
  for (const parameter of one.parameters || []) {
    const line = el("label", parameter.name + " (" + words(parameter.schema, all) + ") ", box);
    fields.push([parameter, el("input", undefined, line)]);
  }
  const content = one.requestBody && one.requestBody.content["application/json"];
  let body = null;
  if (content) {
    table(content.schema, all, box);
    body = el("textarea", undefined, el("label", "Body", box));
    body.rows = 5; body.value = example(content.schema, all);
  }
  const good = Object.entries(one.responses).find(([code]) => code < 300);
  if (good && good[1].content && good[1].content["application/json"]) {
    el("p", "Answers " + good[0] + ":", box);
    table(good[1].content["application/json"].schema, all, box);
  }
  if (path === "/api/events") return;
  const button = el("button", "Try it", box), out = el("pre", "", box);
  out.hidden = true;
  button.onclick = async () => {
    let target = path;
    const query = new URLSearchParams();
    for (const [parameter, input] of fields) {
      if (parameter.in === "path") target = target.replace("{" + parameter.name + "}", encodeURIComponent(input.value));
      else if (input.value) query.append(parameter.name, input.value);
    }
    const answer = await ask(target + (query.size ? "?" + query : ""), method, body && body.value);
    out.hidden = false;
    out.textContent = answer.status + " " + answer.statusText + "\\n" + await answer.text();
  };
}
function ask(path, method, body) {
  const headers = {Authorization: "Bearer " + token};
  if (body) headers["Content-Type"] = "application/json";
  return fetch(path, {method: method.toUpperCase(), headers, body: body || undefined});
}
$("form").onsubmit = async event => {
  event.preventDefault();
  token = $("token").value.trim();
  const answer = await ask("/openapi.json", "get");
  $("message").textContent = answer.ok ? "" : (await answer.json()).error.message;
  if (!answer.ok) return;
  const all = await answer.json(), main = $("routes");
  main.replaceChildren();
  const groups = {};
  for (const [path, methods] of Object.entries(all.paths))
    for (const [method, one] of Object.entries(methods))
      (groups[(one.tags || ["other"])[0]] ||= []).push([method, path, one]);
  for (const [name, routes] of Object.entries(groups)) {
    el("h2", name, main);
    for (const [method, path, one] of routes) route(method, path, one, all, main);
  }
};
"""

PAGE = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>GDVG Desktop control API</title>
<style>{_STYLE}</style>
<h1>GDVG Desktop control API</h1>
<p>Every request carries the token as <code>Authorization: Bearer TOKEN</code>. Make one in Settings, Control API, or
with <code>gdvg api token --rotate</code>. The API answers programs of this computer only. For example:</p>
<pre>curl -H "Authorization: Bearer $GDVG_API_TOKEN" <span id="here">http://127.0.0.1:8790</span>/api/sync/status</pre>
<form id="form">
<label for="token">Token; it stays in this page and is gone with it</label>
<input id="token" type="password" autocomplete="off" spellcheck="false" required>
<button>Show the routes</button> <span id="message" role="alert"></span>
</form>
<main id="routes"></main>
<script>{_SCRIPT}document.getElementById("here").textContent = location.origin;</script>
</html>
"""


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


PAGE_POLICY = (
    f"default-src 'none'; script-src {_hash(PAGE.partition('<script>')[2].partition('</script>')[0])}; "
    f"style-src {_hash(_STYLE)}; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
).encode()
"""What a browser lets the page do: run this very script, and ask this very server."""
