"""What a person may see and do in a browser.

In: a deployment. Out: an application for a server. `app.py` puts it together from routes, each with whom it is for;
`guard.py` lets a request through to its view, or not; views ask the stages and fill templates.
"""
