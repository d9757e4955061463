import type { Calls } from "./calls.ts";

const MARKUP = `
  <label>Work <textarea name="work"></textarea></label>
  <label>Operation <input name="name"></label>
  <button>Start</button> <button>Watch</button> <button>Wait</button> <button>Stop waiting</button>
  <button>Cancel</button> <button>List</button>
  <ol id="steps"></ol> <ul id="ends"></ul> <ul id="operations"></ul> <ul id="refusals"></ul>
`;

/** Fills the page with what a person needs to start, watch, cancel and await work. */
export function openConsole(calls: Calls): void {
  document.body.innerHTML = MARKUP;
  const work = element("textarea");
  const name = element("input");
  let waiting = new AbortController();
  const verbs: Readonly<Record<string, () => Promise<void>>> = {
    async Start() {
      name.value = await calls.start(work.value);
    },
    Watch: () => calls.watch(name.value, (stepsDone) => append("#steps", String(stepsDone))),
    async Wait() {
      const { signal } = waiting;
      const end = append("#ends", "…");
      try {
        end.textContent = await calls.result(name.value, signal);
      } catch (error) {
        end.textContent = signal.aborted ? "stopped waiting" : JSON.stringify(calls.refusalOf(error));
      }
    },
    async "Stop waiting"() {
      waiting.abort();
      waiting = new AbortController();
    },
    Cancel: () => calls.cancel(name.value),
    async List() {
      for (const listed of await calls.list()) append("#operations", JSON.stringify(listed));
    },
  };
  document.body.addEventListener("click", ({ target }) => {
    if (!(target instanceof HTMLButtonElement)) return;
    verbs[target.innerText]?.().catch((error: unknown) => {
      append("#refusals", JSON.stringify(calls.refusalOf(error)));
    });
  });
}

function element<Name extends keyof HTMLElementTagNameMap>(name: Name): HTMLElementTagNameMap[Name] {
  const found = document.querySelector(name);
  if (found === null) throw new TypeError(`the page has no ${name}`);
  return found;
}

function append(list: string, text: string): HTMLElement {
  const item = document.createElement("li");
  item.textContent = text;
  document.querySelector(list)?.append(item);
  return item;
}
