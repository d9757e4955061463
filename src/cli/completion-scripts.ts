/** Shells that complete. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** One of them. */
export type Shell = (typeof SHELLS)[number];

/** Stands alone among the candidates where the shell is to complete files. */
export const FILES = ":files";

/*
 * The scripts ask the program, which knows its commands, flags, profiles and operations: the words behind its name up
 * to the cursor, of which the last is the one that is completed.
 */
const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# bash completion of longrunning; source <(longrunning completion bash)
_longrunning() {
  local word="\${COMP_WORDS[COMP_CWORD]}" line
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ "$line" == "${FILES}" ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$word")
    else
      COMPREPLY+=("$line")
    fi
  done < <("\${COMP_WORDS[0]}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _longrunning longrunning
`,
  zsh: `#compdef longrunning
# zsh completion of longrunning; source <(longrunning completion zsh), after compinit
_longrunning() {
  local -a candidates
  candidates=("\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ "\${candidates[1]}" == "${FILES}" ]]; then
    _files
  else
    compadd -- "\${(@)candidates:#}"
  fi
}
compdef _longrunning longrunning
`,
  fish: `# fish completion of longrunning; longrunning completion fish | source
function __longrunning_complete
    set -l words (commandline -opc)
    set -l candidates ($words[1] __complete -- $words[2..-1] (commandline -ct) 2>/dev/null)
    if test "$candidates[1]" = "${FILES}"
        __fish_complete_path (commandline -ct)
    else
        printf '%s\\n' $candidates
    end
end
complete -c longrunning -f -a '(__longrunning_complete)'
`,
};

/** What a shell reads to complete the program's words. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}
