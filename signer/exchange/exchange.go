// Package exchange is what CreateSession is asked for ([Target]), where, and what
// it answers ([Credentials]), as values. Package session does the asking.
//
// The values stand alone so that a session that was kept is found and printed
// without a package that knows keys, certificates or the network.
package exchange
