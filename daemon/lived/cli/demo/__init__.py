"""livectl demo: a whole conversation with a stand-in for the Live API, measured from outside.

recording (what the user says) · stage (the processes) · listen (what is heard and said) · align and measure
(pure: from sound to figures) · report (budgets, table, JSON) · run (the order of it all).
"""
