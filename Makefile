# Each target is one line; the work is in tools/. ARGS goes to the program.
.DEFAULT_GOAL := help
.PHONY: help run test demo e2e lint vuln bench server package

help:
	@echo 'make run      build Parley and open its window (ARGS="--profile bob")'
	@echo 'make test     all tests: no display, no OpenGL, no fixed port'
	@echo 'make demo     two people chat without a display; pictures in build/demo'
	@echo 'make e2e      the real window on a virtual display, driven by keyboard and mouse'
	@echo 'make lint     style, architecture and script checks'
	@echo 'make vuln     known faults in other modules'
	@echo 'make bench    measure speed and memory; figures as in bench/RESULTS.md'
	@echo 'make server   a server on this machine (ARGS="--help")'
	@echo 'make package  the packages, of the server too, in build/package'

run:
	@sh tools/run.sh $(ARGS)

test:
	@sh tools/test.sh $(ARGS)

demo:
	@sh tools/demo.sh $(ARGS)

e2e:
	@sh tools/e2e.sh $(ARGS) && sh tools/e2e-focus.sh

lint:
	@sh tools/lint.sh $(ARGS)

vuln:
	@sh tools/vuln.sh $(ARGS)

bench:
	@sh tools/bench.sh $(ARGS)

server:
	@sh tools/server.sh $(ARGS)

package:
	@sh tools/package.sh $(ARGS)
