"""Write a report in the form that a reader needs: text for people, JSON, Turtle, SARIF and JUnit for programs.

Each module here has one pure function `write(report, …)` and touches nothing else.
"""
