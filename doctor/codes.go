package doctor

import (
	"fmt"
	"slices"
	"strings"
)

// Codes renders the catalogue as the page docs/codes.md.
func Codes() []byte {
	var b strings.Builder
	b.WriteString("# The doctor's codes\n\n")
	b.WriteString("Made from the catalogue by `UPDATE=1 go test ./doctor`. A title states health; behind it stands what a report says when it is not so.\n")
	b.WriteString("Checks stand in the order in which faults are repaired; those from RA7xx on are known to `anywhere explain` alone.\n")
	for _, group := range append(Groups(), GroupTopic) {
		fmt.Fprintf(&b, "\n## %s\n", sentence(string(group)))
		for _, c := range slices.Concat(Catalogue(), Topics()) {
			if c.Group != group {
				continue
			}
			fmt.Fprintf(&b, "\n### %s\n\n**%s.** Otherwise: *%s.* %s\n\n*Fix:* %s\n\n", c.Code, c.Title, c.Fault, c.Why, c.Fix)
			if len(c.Needs) > 0 && len(c.Needs) <= 8 {
				fmt.Fprintf(&b, "*Explained by:* %s.\n\n", strings.Join(codesOf(c.Needs), ", "))
			}
			fmt.Fprintf(&b, "*Source:* <%s>\n", c.Source)
		}
	}
	return []byte(b.String())
}

func codesOf(codes []Code) []string {
	var list []string
	for _, code := range codes {
		list = append(list, string(code))
	}
	return list
}
