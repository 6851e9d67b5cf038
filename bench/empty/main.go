// Command empty does nothing: the time it takes is what any Go program takes.
package main

func main() {}
