import { COMPLETE, type SHELLS } from './shells.ts';

/*
 * What shells load. Each script passes on the words so far and takes the answer (print-candidates.ts): which commands and
 * options there are is in the program alone, so that a script never says what an installed version does not know.
 */

/** Bash takes words apart at characters such as `=`. What it is going to replace is its second argument. */
const BASH = `# Completion of session-groups for bash: session-groups completion bash
_session_groups() {
  local i piece after line rest=$COMP_LINE
  local -a words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    piece=\${COMP_WORDS[i]}
    after=\${rest#"\${rest%%[![:space:]]*}"}
    if ((i > 0)) && [[ $after == "$rest" ]]; then
      words[\${#words[@]} - 1]+=$piece
    else
      words+=("$piece")
    fi
    rest=\${after#"$piece"}
  done
  local word=\${words[\${#words[@]} - 1]} tail=$2
  local head=\${word%"$tail"}
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :file) compopt -o default 2>/dev/null || _session_groups_names -f "$tail" ;;
      :folder) compopt -o dirnames 2>/dev/null || _session_groups_names -d "$tail" ;;
      *)
        line=\${line%%$'\t'*}
        [[ $line == *= ]] && compopt -o nospace 2>/dev/null
        COMPREPLY+=("\${line#"$head"}")
        ;;
    esac
  done < <(command session-groups ${COMPLETE} "\${words[@]:1}" 2>/dev/null)
}
# Names of files or folders for a bash without compopt (macOS), as they are to be typed.
_session_groups_names() {
  local name
  while IFS= read -r name; do
    [[ $name == '~'* ]] || printf -v name %q "$name"
    COMPREPLY+=("$name")
  done < <(compgen "$1" -- "$2")
}
complete -F _session_groups session-groups
`;

const ZSH = `#compdef session-groups
# Completion of session-groups for zsh: session-groups completion zsh
_session_groups() {
  local line value
  local -a suffix
  local -a candidates
  for line in "\${(@f)$(command session-groups ${COMPLETE} "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      '') ;;
      :file) _files ;;
      :folder) _files -/ ;;
      *)
        value=\${\${line%%$'\t'*}//:/\\:}
        [[ $value == *= ]] && suffix=(-S '')
        [[ $line == *$'\t'* ]] && value+=:\${line#*$'\t'}
        candidates+=("$value")
        ;;
    esac
  done
  (( $#candidates )) && _describe -V 'session-groups' candidates "\${suffix[@]}"
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _session_groups "$@"
else
  compdef _session_groups session-groups
fi
`;

const FISH = `# Completion of session-groups for fish: session-groups completion fish
function __session_groups_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    for line in (command session-groups ${COMPLETE} $words[2..-1] "$word" 2>/dev/null)
        switch $line
            case ':file'
                __fish_complete_path "$word"
            case ':folder'
                __fish_complete_directories "$word"
            case '*'
                echo $line
        end
    end
end
complete -c session-groups -f -k -a '(__session_groups_complete)'
`;

/** The script of each shell. */
export const COMPLETIONS: Readonly<Record<(typeof SHELLS)[number], string>> = {
  bash: BASH,
  zsh: ZSH,
  fish: FISH,
};
