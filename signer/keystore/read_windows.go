package keystore

// noWait is for systems whose pipes lie in folders.
const noWait = 0

func again(error) bool { return false }
