package awsapi

// ReadOnly returns a view that can only look: its static and its dynamic type
// have no method that writes, so no assertion brings one back.
func ReadOnly(r Reader) Reader { return view{r} }

type view struct{ Reader }
