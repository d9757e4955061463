/**
 * What a thread is started with, that it runs this file. A thread has the flags of its process, and with
 * `--input-type`, which a script that is typed at the command line needs, Node starts no file; a script of
 * one line, which imports the file, it does.
 */
export function threadScript(file: URL): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(`import ${JSON.stringify(file.href)};`)}`);
}
