package steps

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"al.essio.dev/pkg/shellescape"

	"anywhere/pki/foreign"
)

// Script is the whole plan as a shell script, to read or to hand to an
// administrator. Values that are known after apply go through shell variables.
func (p Plan) Script() string {
	var b strings.Builder
	fmt.Fprintf(&b, "#!/bin/sh\n# Set-up %s in account %s, Region %s: what anywhere setup would do.\n", p.Setup, p.Account, p.Region)
	b.WriteString("# Run it in an empty folder. Afterwards give the three ARNs to anywhere setup:\n")
	b.WriteString("#   --set anchor.arn=... --set role.arn=... --set rolesanywhere-profile.arn=...\n")
	b.WriteString("set -eu\numask 077\n")
	for _, name := range slices.Sorted(maps.Keys(p.Known)) {
		fmt.Fprintf(&b, "%s=%s\n", name, shellescape.Quote(p.Known[name]))
	}
	for _, c := range p.Changes {
		var lines strings.Builder
		for _, cmd := range c.Commands {
			if !cmd.Alone {
				lines.WriteString(cmd.Shell())
			}
		}
		if lines.Len() > 0 {
			fmt.Fprintf(&b, "\n# %s %s %s\n%s", c.Verb, c.Noun, foreign.Text(c.Name), lines.String())
		}
	}
	if len(p.Changes) > 0 {
		b.WriteString("\nprintf '%s\\n' \"${ANCHOR_ARN:-}\" \"${ROLE_ARN:-}\" \"${PROFILE_ARN:-}\"\n")
	}
	return b.String()
}

// Shell is the command as shell text, each ending with a line break: the file
// as a here-document, then one line, quoted.
func (c Command) Shell() string {
	var b strings.Builder
	if c.File != "" {
		end := "END"
		for strings.Contains("\n"+c.Content+"\n", "\n"+end+"\n") {
			end += "_"
		}
		fmt.Fprintf(&b, "cat > %s <<%s\n%s\n%s\n", shellescape.Quote(c.File), end, hereText(c.Content), end)
	}
	if len(c.Args) == 0 {
		return b.String()
	}
	line := c.Line()
	if c.Sets != "" {
		line = c.Sets + "=$(" + line + ")"
	}
	b.WriteString(line + "\n")
	return b.String()
}

// Line is the command alone, quoted for a shell, never with a newline.
func (c Command) Line() string {
	words := make([]string, len(c.Args))
	for i, arg := range c.Args {
		words[i] = quoteArg(arg)
	}
	return strings.Join(words, " ")
}

// ourVariables are the shell variables that our commands read.
var ourVariables = []string{"$ANCHOR_ARN", "$ROLE_ARN", "$PROFILE_ARN", "${PROFILE_ARN##*/}", "${ANCHOR_ARN##*/}", "$CA_ARN", "$CERT_ARN"}

func quoteArg(arg string) string {
	if slices.Contains(ourVariables, arg) {
		return `"` + arg + `"`
	}
	return shellescape.Quote(foreign.Text(arg))
}

// hereText keeps a document from being read by the shell, but for the one
// variable of ours, as a whole string of JSON.
func hereText(text string) string {
	text = strings.NewReplacer(`\`, `\\`, "`", "\\`", "$", `\$`).Replace(strings.TrimSuffix(text, "\n"))
	return strings.ReplaceAll(text, `"\$ANCHOR_ARN"`, `"$ANCHOR_ARN"`)
}
