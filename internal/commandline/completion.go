package commandline

import (
	"io"

	"github.com/spf13/cobra"
)

// bashWords is what the library's script needs of bash-completion, for a bash without that package, as on a bare server or a Mac:
// the words that were typed, with those put together that bash has cut at = and : .
const bashWords = `if ! declare -F _get_comp_words_by_ref >/dev/null && ! declare -F _init_completion >/dev/null; then
_get_comp_words_by_ref()
{
    local i last
    words=("${COMP_WORDS[0]}")
    cword=0
    for ((i = 1; i < ${#COMP_WORDS[@]}; i++)); do
        last=$((${#words[@]} - 1))
        if [[ ${COMP_WORDS[i]} == [=:] || ( ${COMP_WORDS[i-1]} == [=:] && $i -gt 1 ) ]]; then
            words[last]+=${COMP_WORDS[i]}
        else
            words+=("${COMP_WORDS[i]}")
        fi
        [[ $i -eq $COMP_CWORD ]] && cword=$((${#words[@]} - 1))
    done
    cur=${words[cword]}
    prev=
    [[ $cword -gt 0 ]] && prev=${words[cword-1]}
}
fi

`

// completesAlone has the script for bash work where bash-completion is not installed.
func completesAlone(bash *cobra.Command) {
	print := bash.RunE
	bash.RunE = func(command *cobra.Command, args []string) error {
		if _, err := io.WriteString(command.Root().OutOrStdout(), bashWords); err != nil {
			return err
		}
		return print(command, args)
	}
}
