// Parley is a desktop chat client.
package main

func main() {}
