package steps

import "slices"

// Again are the arguments of anywhere setup that give the answers of this run once
// more, for somebody who leaves before anything is written; nil if nothing was
// answered in it. Secrets and what was pasted are left out: they would stand in
// the history of the shell, or nowhere any more.
func (r *Runner) Again() []string {
	if !r.answers.here {
		return nil
	}
	args := []string{"anywhere", "setup"}
	for _, step := range r.env.road {
		for i := range step.Asks {
			q := &step.Asks[i]
			value, given := r.answers.given[q.Key]
			_, pasted := r.held[value]
			switch {
			case !given, pasted, q.Kind == Secret, q.Applies != nil && !q.Applies(r.env):
			case slices.Contains(r.answers.saved, q.Key) && !slices.Contains(r.answers.changed, q.Key):
			case q.Key == "name":
				args = append(args, "--name", value)
			case q.Key == "where" && value == "sandbox":
				args = append(args, "--sandbox")
			default:
				args = append(args, "--set", q.Key+"="+value)
			}
		}
	}
	return args
}
