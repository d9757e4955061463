import { Window } from "happy-dom";

/*
 * A page, without its own fetch and AbortController: those of Node call real servers. It is there before react-dom is
 * loaded, which looks for it then; so this module is imported first.
 */
const window = new Window({ url: "http://127.0.0.1/" });
Object.assign(globalThis, { window, document: window.document });
