// Asks our own server, and turns its refusals into errors with plain words.

async function answered(response) {
  if (response.ok) return response.json();
  const type = response.headers.get("content-type") || "";
  if (type.includes("json")) throw new Error((await response.json()).error);
  throw new Error(await response.text());
}

async function asked(path, options) {
  try {
    return await fetch(path, options);
  } catch {
    throw new Error(GONE);
  }
}

export const GONE = "The program does not answer. Is it still running in the terminal?";

export const get = async (path) => answered(await asked(path));

export const send = async (path, data) => answered(await asked(path, { method: "POST", headers: { "content-type": "application/octet-stream" }, body: data }));

export const post = async (path, body) =>
  answered(await asked(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }));
